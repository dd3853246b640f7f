import { noChange } from 'lit';
import { Directive, directive, PartType, type ElementPart, type PartInfo } from 'lit/directive.js';

class StyleOf extends Directive {
  #set: readonly string[] = [];

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new TypeError('styleOf stands in an element, not in an attribute');
  }

  override render(_properties: Readonly<Record<string, string>>): typeof noChange {
    return noChange;
  }

  override update(part: ElementPart, [properties]: [Readonly<Record<string, string>>]): typeof noChange {
    const { style } = part.element as HTMLElement | SVGElement;
    for (const name of this.#set) if (!Object.hasOwn(properties, name)) style.removeProperty(name);
    for (const [name, value] of Object.entries(properties)) style.setProperty(name, value);
    this.#set = Object.keys(properties);
    return noChange;
  }
}

/** `<i ${styleOf({ width: '50%' })}>`: computed styles through the object model. Style attributes, Lit's `styleMap` too, are refused by the content policy. */
export const styleOf = directive(StyleOf);
