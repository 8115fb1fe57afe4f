/** A trie over texts, walked unit by unit. */

/** Nodes in typed arrays: children hang in a list by first child and next sibling, with a table for the root. */
export class Trie {
  readonly #units: number[] = [0];
  readonly #child: number[] = [-1];
  readonly #sibling: number[] = [-1];
  readonly #values: number[] = [-1];
  readonly #roots = new Map<number, number>();

  /** Of a text that is given twice, the last value counts. */
  set(text: string, value: number): void {
    let node = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      const found = this.step(node, unit);
      node = found < 0 ? this.#add(node, unit) : found;
    }
    this.#values[node] = value;
  }

  #add(parent: number, unit: number): number {
    const node = this.#units.push(unit) - 1;
    this.#child.push(-1);
    this.#values.push(-1);
    this.#sibling.push(this.#child[parent]!);
    this.#child[parent] = node;
    if (parent === 0) this.#roots.set(unit, node);
    return node;
  }

  /** The node below another by a unit, -1 without one. The root is 0. */
  step(node: number, unit: number): number {
    if (node === 0) return this.#roots.get(unit) ?? -1;
    let child = this.#child[node]!;
    while (child >= 0 && this.#units[child] !== unit) child = this.#sibling[child]!;
    return child;
  }

  /** The longest text that another begins with at a place: its value and where it ends; null without one. */
  longest(text: string, start: number): { readonly value: number; readonly end: number } | null {
    let found: { readonly value: number; readonly end: number } | null = null;
    for (let node = 0, at = start; at < text.length; ) {
      node = this.step(node, text.charCodeAt(at++));
      if (node < 0) break;
      const value = this.valueAt(node);
      if (value >= 0) found = { value, end: at };
    }
    return found;
  }

  /** What ends at a node, -1 for nothing. */
  valueAt(node: number): number {
    return this.#values[node]!;
  }
}
