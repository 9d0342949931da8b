/** Modes of a file or of a folder with all that is in it. */
export function setModes(file: string): Promise<void>;
