import { join } from 'node:path';

/** Windows PowerShell, which every Windows brings, by its whole path. */
export function powershellPath(): string {
  const root = process.env['SystemRoot'] ?? 'C:\\Windows';
  return join(root, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
}

/** Before every script: the first error ends it, nothing but text comes out, and that in UTF-8. */
const PREAMBLE = [
  '$ErrorActionPreference = "Stop"',
  '$ProgressPreference = "SilentlyContinue"',
  '[Console]::OutputEncoding = [Text.Encoding]::UTF8',
];

/**
 * Arguments that have PowerShell run these lines. The script goes as base64 of UTF-16, so that no code page
 * and no quoting of a command line comes between: names of users are in it.
 */
export function powershellArguments(lines: readonly string[]): string[] {
  const script = [...PREAMBLE, ...lines].join('\n');
  const encoded = Buffer.from(script, 'utf16le').toString('base64');
  const manners = ['-NoLogo', '-NoProfile', '-NonInteractive', '-OutputFormat', 'Text'];
  return [...manners, '-EncodedCommand', encoded];
}

/**
 * Text as a literal of PowerShell, in which nothing has a meaning. PowerShell takes the four typographic
 * quotation marks for an apostrophe, too.
 */
export function quoted(text: string): string {
  return `'${text.replaceAll(/['‘’‚‛]/gu, '$&$&')}'`;
}
