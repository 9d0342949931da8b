/** The files of an image that are not blobs; the output keeps them as they are. */
export const LAYOUT = 'oci-layout';
export const INDEX = 'index.json';
export const TOKEN = 'index.jwt';
export const METAFILES = [LAYOUT, INDEX, TOKEN] as const;

/** They have a few KiB in real images. */
export const MAX_METAFILE_BYTES = 4 * 1024 * 1024;
