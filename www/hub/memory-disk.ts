// A file of a download where the browser gives no storage: it is gathered as pieces that the browser keeps outside this
// memory, and as it may on its disk, and is gone with the tab.

/** What is used of a `FileSystemSyncAccessHandle`. */
export type Disk = Pick<FileSystemSyncAccessHandle, 'read' | 'write' | 'truncate' | 'getSize' | 'flush' | 'close'>;

/** So many bytes are handed over at a time. */
const PIECE = 2 ** 22;

export class MemoryDisk implements Disk {
  #pieces: Blob[] = [];
  #fresh: Uint8Array<ArrayBuffer>[] = [];
  #freshSize = 0;
  #size = 0;

  getSize(): number {
    return this.#size;
  }

  /** Downloads go on where the file ends. */
  write(chunk: Uint8Array<ArrayBuffer>): number {
    this.#fresh.push(chunk);
    this.#freshSize += chunk.length;
    this.#size += chunk.length;
    if (this.#freshSize >= PIECE) this.flush();
    return chunk.length;
  }

  /** Nothing is there of an earlier download. */
  read(): number {
    return 0;
  }

  truncate(size: number): void {
    if (size === this.#size) return;
    [this.#pieces, this.#fresh, this.#freshSize, this.#size] = [[], [], 0, 0];
  }

  flush(): void {
    this.#pieces.push(new Blob(this.#fresh));
    [this.#fresh, this.#freshSize] = [[], 0];
  }

  close(): void {}

  blob(): Blob {
    this.flush();
    return new Blob(this.#pieces);
  }
}
