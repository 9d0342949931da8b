import type { ImageItem, ImageStatus, State } from '../state/model.ts';
import { findImage } from '../state/image-selectors.ts';

/** An image without how far its reading is, which changes several times a second. */
export type RowImage = Omit<ImageItem, 'status'> & { readonly kind: ImageStatus['kind'] };

/** null once it was removed. */
export function rowImage(state: State, id: string): RowImage | null {
  const image = findImage(state, id);
  if (image === null) return null;
  const { status, ...rest } = image;
  return { ...rest, kind: status.kind };
}
