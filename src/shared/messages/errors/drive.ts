import type { DriveErrors } from '../../errors/drive.ts';
import type { ErrorCatalogue } from './catalogue.ts';

export const driveMessages: ErrorCatalogue<DriveErrors> = {
  'drive-not-found': {
    en: {
      what: 'There is no drive at {{path}}.',
      next: 'Plug the USB stick in again and choose it from the list.',
    },
    ja: {
      what: '{{path}} にドライブが見つかりません。',
      next: 'USBメモリを挿し直して、一覧から選択してください。',
    },
  },
};
