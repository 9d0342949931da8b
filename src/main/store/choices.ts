import {
  choicesSchema,
  DEFAULT_CHOICES,
  MAX_REMEMBERED_ECUS,
  type Choices,
} from '../../shared/ipc-sets.ts';
import { ecuKey } from '../../shared/model/ecu-id.ts';
import { StoredValues } from './stored-values.ts';

/** What the app remembers of how it was used: ECU ids that were confirmed, the size of the window. */
export class ChoicesStore extends StoredValues<Choices> {
  static async open(path: string): Promise<ChoicesStore> {
    const store = new ChoicesStore(path, choicesSchema, DEFAULT_CHOICES);
    await store.read();
    return store;
  }

  /** A person said that these are right; a later spelling takes the place of an earlier one. */
  async confirmEcus(ecuIds: readonly string[]): Promise<void> {
    const keys = new Set(ecuIds.map(ecuKey));
    await this.change(({ confirmedEcus }) => {
      const others = confirmedEcus.filter((ecuId) => !keys.has(ecuKey(ecuId)));
      return { confirmedEcus: [...others, ...ecuIds].slice(-MAX_REMEMBERED_ECUS) };
    });
  }
}
