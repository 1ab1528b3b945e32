/**
 * HTML from templates: html`<td>${name}</td>`.
 *
 * Invariant: whatever is put in is escaped, unless it is Html itself, which only templates make; what
 * is put into an attribute stands between double quotes.
 */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | readonly Html[];

export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(
    strings.reduce((text, string, at) => `${text}${escaped(parts[at - 1] ?? '')}${string}`),
  );
}

function escaped(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('');
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
