/** The stage graph: who teaches whom. */
import * as l10n from '@vscode/l10n';
import { nearest } from '../names.ts';
import type { Report } from '../report.ts';
import type { StageFile } from '../schema.ts';
import { keyAt, nodeAt, placeAt, type MapNode } from '../tree.ts';
import type { CheckContext } from './context.ts';

/**
 * The stages' names with teachers before students, otherwise as written; stages in a cycle are left out.
 * Reports unknown teachers, stages that teach themselves, and cycles (once each, naming all members).
 */
export function trainingOrder(tree: MapNode, stages: ReadonlyMap<string, StageFile>, report: Report): string[] {
  const written = nodeAt(tree, ['stages']);
  const allNames = written?.kind === 'map' ? [...written.entries.keys()] : [];
  const order: string[] = [];
  const state = new Map<string, 'open' | 'ordered' | 'refused'>();

  const visit = (name: string, trail: readonly string[]): boolean => {
    const known = state.get(name);
    if (known === 'open') {
      reportCycle(tree, trail.slice(trail.indexOf(name)), report);
      return false;
    }
    if (known !== undefined) return known === 'ordered';
    state.set(name, 'open');
    const isGood = visitTeacher(name, trail);
    state.set(name, isGood ? 'ordered' : 'refused');
    if (isGood) order.push(name);
    return isGood;
  };

  const visitTeacher = (name: string, trail: readonly string[]): boolean => {
    const file = stages.get(name);
    const isGiven = file?.use !== undefined || file?.checkpoint !== undefined;
    const teacher = isGiven ? undefined : file?.distill?.from;
    if (teacher === undefined) return true;
    const path = ['stages', name, 'distill', 'from'];
    if (teacher === name) {
      report.add('self-teacher', placeAt(tree, path), path, l10n.t("The stage '{0}' cannot teach itself.", name));
      return false;
    }
    if (stages.has(teacher)) return visit(teacher, [...trail, name]);
    if (allNames.includes(teacher)) return false; // it has findings of its own
    const others = allNames.filter((other) => other !== name);
    const suggestion = nearest(teacher, others);
    const message =
      suggestion === undefined
        ? l10n.t("There is no stage '{0}'; the stages are {1}.", teacher, allNames.join(', '))
        : l10n.t("There is no stage '{0}'; did you mean '{1}'?", teacher, suggestion);
    report.add('unknown-teacher', placeAt(tree, path), path, message, suggestion);
    return false;
  };

  for (const name of stages.keys()) visit(name, []);
  return order;
}

function reportCycle(tree: MapNode, members: readonly string[], report: Report): void {
  const first = members[0] ?? '';
  const path = ['stages', first, 'distill', 'from'];
  report.add('stage-cycle', placeAt(tree, path), path, l10n.t('These stages teach each other in a circle: {0}.', [...members, first].join(' ← ')));
}

/** A given network that teaches nobody is neither trained nor compared. */
export function checkUnusedStages({ tree, stages, report }: CheckContext): void {
  for (const stage of stages) {
    if (stage.given === undefined || stages.some((other) => other.distill?.from === stage.name)) continue;
    const path = ['stages', stage.name];
    report.add('unused-given-stage', keyAt(tree, path) ?? placeAt(tree, path), path, l10n.t("The stage '{0}' is given and teaches no other stage.", stage.name));
  }
}
