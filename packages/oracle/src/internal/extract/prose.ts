/** Documentation as plain sentences. */

/** Links as plain names, white space collapsed. */
export function clean(text: string): string {
  return text
    .replace(/\{@link\s+([^}]+?)\s*\}/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The first sentence ends at a period before a capital or the end; the colon of a formula does not end it. */
export function splitSummary(description: string): readonly [summary: string, details: string] {
  const end = /^(.*?[.!?])(?=\s+[A-Z0-9`]|$)/s.exec(description);
  const summary = end?.[1] ?? description;
  return [summary, description.slice(summary.length).trim()];
}
