import { unreachable } from '../base/errors.ts';
import type { Schedule } from '../config/experiment.ts';

/**
 * What the schedule multiplies the learning rate by in an epoch, equal to PyTorch's `StepLR` stepped once an epoch.
 * @param epoch counted from 0
 */
export function scheduleFactor(schedule: Schedule, epoch: number): number {
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'step':
      return schedule.factor ** Math.floor(epoch / schedule.every);
    default:
      return unreachable(schedule);
  }
}
