/** Numbers of one kind that become more: a recording of a day has millions, which as a plain array would fill the heap. */
export type NumberList<List extends Uint8Array | Uint32Array | Int32Array | Float64Array> = {
  push(value: number): void;
  /** All of them. */
  list(): List;
};

/** `Kind` is such as `Uint32Array`. */
export function createNumberList<List extends Uint8Array | Uint32Array | Int32Array | Float64Array>(
  Kind: new (length: number) => List,
): NumberList<List> {
  let room = new Kind(1024);
  let length = 0;
  return {
    push(value) {
      if (length === room.length) {
        const larger = new Kind(length * 2);
        larger.set(room);
        room = larger;
      }
      room[length] = value;
      length += 1;
    },
    list: () => room.subarray(0, length) as List,
  };
}
