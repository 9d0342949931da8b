/**
 * @param version of Node, without the `v`.
 * @param env whose LC_ALL, LC_MESSAGES and LANG choose the language.
 * @returns one sentence, or null where this Node can run the command line.
 */
export function nodeComplaint(version: string, env: NodeJS.ProcessEnv): string | null;
