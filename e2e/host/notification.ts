import { EventEmitter } from 'node:events';
import { host } from './state.ts';

export class Notification extends EventEmitter {
  readonly title: string;
  readonly body: string;

  constructor(options: { title: string; body: string }) {
    super();
    this.title = options.title;
    this.body = options.body;
  }

  static isSupported(): boolean {
    return true;
  }

  show(): void {
    host.notifications.push({ title: this.title, body: this.body });
  }
}
