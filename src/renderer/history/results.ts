import { CircleCheck, CircleSlash, TriangleAlert } from 'lucide-react';

/** How each result looks; its word says the same. */
export const RESULT_ICONS = {
  verified: CircleCheck,
  saved: CircleCheck,
  complete: CircleCheck,
  cancelled: CircleSlash,
  partial: TriangleAlert,
  incomplete: TriangleAlert,
  failed: TriangleAlert,
} as const;

export const RESULT_TONES = {
  verified: 'good',
  saved: 'good',
  complete: 'good',
  cancelled: 'plain',
  partial: 'bad',
  incomplete: 'bad',
  failed: 'bad',
} as const;
