/**
 * Little-endian fields of on-disk structures. A structure is a record of fields under the names of
 * the kernel's documentation (Documentation/filesystems/ext4), each with its byte offset, so that a
 * fact of the format is written once for the layout and the reader alike.
 */
export interface Field {
  readonly offset: number;
  get(view: DataView, base: number): number;
  set(view: DataView, base: number, value: number): void;
}

class Unsigned8 implements Field {
  readonly offset: number;
  constructor(offset: number) {
    this.offset = offset;
  }
  get(view: DataView, base: number): number {
    return view.getUint8(base + this.offset);
  }
  set(view: DataView, base: number, value: number): void {
    view.setUint8(base + this.offset, value);
  }
}

class Unsigned16 implements Field {
  readonly offset: number;
  constructor(offset: number) {
    this.offset = offset;
  }
  get(view: DataView, base: number): number {
    return view.getUint16(base + this.offset, true);
  }
  set(view: DataView, base: number, value: number): void {
    view.setUint16(base + this.offset, value, true);
  }
}

class Unsigned32 implements Field {
  readonly offset: number;
  constructor(offset: number) {
    this.offset = offset;
  }
  get(view: DataView, base: number): number {
    return view.getUint32(base + this.offset, true);
  }
  set(view: DataView, base: number, value: number): void {
    view.setUint32(base + this.offset, value, true);
  }
}

/** Bytes without an order of their own: a UUID, a name. */
export class ByteField {
  readonly offset: number;
  readonly length: number;
  constructor(offset: number, length: number) {
    this.offset = offset;
    this.length = length;
  }
  get(bytes: Uint8Array, base: number): Uint8Array {
    return bytes.subarray(base + this.offset, base + this.offset + this.length);
  }
  set(bytes: Uint8Array, base: number, value: Uint8Array): void {
    bytes.set(value.subarray(0, this.length), base + this.offset);
  }
}

export const u8 = (offset: number): Field => new Unsigned8(offset);
export const u16 = (offset: number): Field => new Unsigned16(offset);
export const u32 = (offset: number): Field => new Unsigned32(offset);
export const byteField = (offset: number, length: number): ByteField =>
  new ByteField(offset, length);

/** A view of exactly the memory of `bytes`. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const TWO_32 = 0x1_0000_0000;

/** Joins the halves of a field that the format keeps in two places. */
export const join32 = (low: number, high: number): number => high * TWO_32 + low;
export const low32 = (value: number): number => value % TWO_32;
export const high32 = (value: number): number => Math.floor(value / TWO_32);
