import { EventEmitter } from 'node:events';
import { host } from './state.ts';

/** Held weakly once it is shown: shell/browser/api/electron_api_notification.cc. */
export class Notification extends EventEmitter {
  readonly #options: { readonly title: string; readonly body: string };

  constructor(options: { title: string; body: string }) {
    super();
    this.#options = options;
  }

  static isSupported(): boolean {
    return true;
  }

  show(): void {
    host.notifications.push(this.#options);
    host.clickable.push(new WeakRef(this));
  }
}
