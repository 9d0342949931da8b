import type { Page } from '@playwright/test';

/** `confirm`: a press that opens a question with the one that answers it, because they are one decision. */
export type Action = 'drop' | 'press' | 'confirm' | 'unplug';

interface Recorded {
  readonly kind: 'drop' | 'press';
  /** It answered a question. */
  readonly answers: boolean;
}

/**
 * Counts what a person does, by the events of the page itself: things that are dropped, and presses of a pointer or
 * key. Moving on with Tab is no action, nor is waiting.
 */
export class ActionCount {
  readonly #page: Page;
  #unplugged = 0;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async begin(page: Page): Promise<ActionCount> {
    await page.evaluate(record);
    return new ActionCount(page);
  }

  /** The person pulls a stick out of its socket. */
  unplug(): void {
    this.#unplugged += 1;
  }

  /** The actions since the last call. */
  async take(): Promise<Action[]> {
    const recorded = await this.#page.evaluate(() =>
      (window as unknown as { recordedActions: Recorded[] }).recordedActions.splice(0),
    );
    const actions: Action[] = [];
    for (const { kind, answers } of recorded) {
      if (answers && actions.at(-1) === 'press') actions[actions.length - 1] = 'confirm';
      else actions.push(kind);
    }
    for (; this.#unplugged > 0; this.#unplugged -= 1) actions.push('unplug');
    return actions;
  }
}

/** Runs in the page. */
function record(): void {
  const recorded: Recorded[] = [];
  Object.assign(window, { recordedActions: recorded });
  const note = (kind: Recorded['kind'], target: EventTarget | null): void => {
    const answers = target instanceof Element && target.closest('[role=alertdialog]') !== null;
    recorded.push({ kind, answers });
  };
  const listen = { capture: true };
  addEventListener('pointerdown', ({ target }) => note('press', target), listen);
  addEventListener('drop', ({ target }) => note('drop', target), listen);
  addEventListener(
    'keydown',
    ({ key, repeat, target }) => {
      if (!repeat && !['Tab', 'Shift', 'Control', 'Meta', 'Alt'].includes(key))
        note('press', target);
    },
    listen,
  );
}
