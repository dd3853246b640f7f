/** A table for a terminal: a heading, then rows; numbers are given as text and aligned to the right. */
export function textTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const isNumber = (text: string): boolean => /^[-–−]?[\d.,]*( ?[kMG])?[* ]?$/.test(text);
  const line = (cells: readonly string[]): string => cells.map((cell, column) => (isNumber(cell) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join('  ').trimEnd();
  return [line(heading), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
