import type { ImageInput } from '../../archive/image-input.ts';
import { INDEX, LAYOUT } from './metafiles.ts';

/** Whether an input is an OTA image v1, in whatever container. */
export function isV1(input: ImageInput): boolean {
  return input.members.has(LAYOUT) && input.members.has(INDEX);
}
