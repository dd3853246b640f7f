/** As much of the protocol-buffer wire format as ONNX models and TensorBoard's events need. A message keeps its pieces and is joined once, at the end. */
export class Message {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  #append(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  #tag(field: number, wireType: 0 | 1 | 2 | 5): void {
    this.#append(varint(BigInt((field << 3) | wireType)));
  }

  integer(field: number, value: number | bigint): this {
    this.#tag(field, 0);
    this.#append(varint(BigInt(value)));
    return this;
  }

  float(field: number, value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    this.#tag(field, 5);
    this.#append(bytes);
    return this;
  }

  double(field: number, value: number): this {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.#tag(field, 1);
    this.#append(bytes);
    return this;
  }

  bytes(field: number, bytes: Uint8Array): this {
    this.#tag(field, 2);
    this.#append(varint(BigInt(bytes.length)));
    this.#append(bytes);
    return this;
  }

  string(field: number, text: string): this {
    return this.bytes(field, Buffer.from(text));
  }

  message(field: number, message: Message): this {
    this.#tag(field, 2);
    this.#append(varint(BigInt(message.#length)));
    for (const piece of message.#pieces) this.#append(piece);
    return this;
  }

  encode(): Uint8Array {
    return Buffer.concat(this.#pieces, this.#length);
  }
}

/** Base-128, least significant group first; negative numbers as 64-bit two's complement. */
function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    const group = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? group | 128 : group);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
