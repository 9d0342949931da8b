/**
 * A polkit authentication agent whose dialog is closed by the person as soon as it opens: what no agent
 * for a terminal can do. It speaks as much of D-Bus as that takes.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

const BUS = '/run/dbus/system_bus_socket';
const CALL = 1;
const ERROR = 3;

/** Of the header, by the numbers that the D-Bus specification gives them. */
const PATH = 1;
const INTERFACE = 2;
const MEMBER = 3;
const ERROR_NAME = 4;
const REPLY_SERIAL = 5;
const DESTINATION = 6;
const SENDER = 7;
const SIGNATURE = 8;

/** Registers for this process, and resolves when that is done. */
export async function startCancellingAgent(): Promise<void> {
  const socket = connect(BUS);
  const user = Buffer.from(String(process.getuid?.())).toString('hex');
  socket.write(`\0AUTH EXTERNAL ${user}\r\nBEGIN\r\n`);
  send(socket, 1, CALL, call('org.freedesktop.DBus', '/org/freedesktop/DBus', 'Hello'));
  const body = new Body().structure().string('unix-process').details().string('C').string('/agent');
  const name = 'org.freedesktop.PolicyKit1';
  const path = '/org/freedesktop/PolicyKit1/Authority';
  const register = call(name, path, 'RegisterAuthenticationAgent', `${name}.Authority`);
  send(socket, 2, CALL, [...register, [SIGNATURE, 'g', '(sa{sv})ss']], body.bytes);
  const registered = Promise.withResolvers<undefined>();
  receive(socket, (message) => {
    if (message.fields.get(REPLY_SERIAL) === 2 && message.type !== ERROR)
      registered.resolve(undefined);
    else if (message.type === ERROR) registered.reject(new Error(message.text));
    else if (message.fields.get(MEMBER) === 'BeginAuthentication')
      send(socket, 3, ERROR, [
        [ERROR_NAME, 's', `${name}.Error.Cancelled`],
        [REPLY_SERIAL, 'u', message.serial],
        [DESTINATION, 's', String(message.fields.get(SENDER))],
      ]);
  });
  await registered.promise;
  // From now on it must not keep the process alive.
  socket.unref();
}

type Field = readonly [code: number, type: 's' | 'o' | 'g' | 'u', value: string | number];

function call(to: string, path: string, member: string, inside = to): Field[] {
  return [
    [PATH, 'o', path],
    [INTERFACE, 's', inside],
    [MEMBER, 's', member],
    [DESTINATION, 's', to],
  ];
}

function send(
  socket: Socket,
  serial: number,
  type: number,
  fields: readonly Field[],
  body = Buffer.alloc(0),
): void {
  const head = new Body().u32(body.length).u32(serial);
  const list = new Body();
  for (const [code, kind, value] of fields) {
    list.align(8).u8(code).signature(kind);
    if (kind === 'u') list.u32(Number(value));
    else if (kind === 'g') list.signature(String(value));
    else list.string(String(value));
  }
  head.u32(list.bytes.length);
  const start = Buffer.from(['l'.charCodeAt(0), type, 0, 1]);
  const header = new Body().raw(Buffer.concat([start, head.bytes, list.bytes])).align(8);
  socket.write(Buffer.concat([header.bytes, body]));
}

interface Message {
  readonly type: number;
  readonly serial: number;
  readonly fields: ReadonlyMap<number, string | number>;
  /** Everything, for a message of ours to a person who debugs. */
  readonly text: string;
}

function receive(socket: Socket, onMessage: (message: Message) => void): void {
  let bytes = Buffer.alloc(0);
  let greeted = false;
  socket.on('data', (more: Buffer) => {
    bytes = Buffer.concat([bytes, more]);
    if (!greeted) {
      // `OK` and the bus's id.
      const end = bytes.indexOf('\r\n');
      if (end === -1) return;
      greeted = true;
      bytes = bytes.subarray(end + 2);
    }
    while (bytes.length >= 16) {
      const fieldsEnd = 16 + bytes.readUInt32LE(12);
      const length = Math.ceil(fieldsEnd / 8) * 8 + bytes.readUInt32LE(4);
      if (bytes.length < length) return;
      onMessage({
        type: bytes.readUInt8(1),
        serial: bytes.readUInt32LE(8),
        fields: readFields(bytes.subarray(0, fieldsEnd)),
        text: bytes.toString('latin1', 0, length),
      });
      bytes = bytes.subarray(length);
    }
  });
}

function readFields(bytes: Buffer): Map<number, string | number> {
  const fields = new Map<number, string | number>();
  for (let at = 16; at < bytes.length; at = Math.ceil(at / 8) * 8) {
    const code = bytes.readUInt8(at);
    const kind = bytes.toString('latin1', at + 2, at + 3);
    // After the code: a signature of one letter, and the byte that ends it.
    at += 4;
    if (kind === 'u') {
      fields.set(code, bytes.readUInt32LE(at));
      at += 4;
    } else {
      const [width, length] = kind === 'g' ? [1, bytes.readUInt8(at)] : [4, bytes.readUInt32LE(at)];
      fields.set(code, bytes.toString('utf8', at + width, at + width + length));
      at += width + length + 1;
    }
  }
  return fields;
}

/** Values in D-Bus's order of bytes, each aligned as its type wants it. */
class Body {
  bytes = Buffer.alloc(0);

  raw(more: Uint8Array): this {
    this.bytes = Buffer.concat([this.bytes, more]);
    return this;
  }

  align(to: number): this {
    return this.raw(Buffer.alloc((to - (this.bytes.length % to)) % to));
  }

  u8(value: number): this {
    return this.raw(Buffer.from([value]));
  }

  u32(value: number): this {
    const four = Buffer.alloc(4);
    four.writeUInt32LE(value);
    return this.align(4).raw(four);
  }

  u64(value: bigint): this {
    const eight = Buffer.alloc(8);
    eight.writeBigUInt64LE(value);
    return this.align(8).raw(eight);
  }

  string(text: string): this {
    return this.u32(Buffer.byteLength(text)).raw(Buffer.from(`${text}\0`));
  }

  signature(text: string): this {
    return this.u8(text.length).raw(Buffer.from(`${text}\0`));
  }

  structure(): this {
    return this.align(8);
  }

  /** a{sv}: which process; its start keeps another of the same number apart. */
  details(): this {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    // Fields from the third on; the start is the 22nd (proc_pid_stat(5)).
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
    this.u32(0);
    const at = this.bytes.length - 4;
    this.align(8);
    const from = this.bytes.length;
    this.string('pid').signature('u').u32(process.pid);
    this.align(8).string('start-time').signature('t').u64(BigInt(start));
    this.bytes.writeUInt32LE(this.bytes.length - from, at);
    return this;
  }
}
