import { closeSync, openSync, readSync } from 'node:fs';

/** What the executable of a process says about itself. */
export interface Executable {
  /** Symbol to address as linked. Empty where the executable is stripped or of an unknown kind. */
  readonly symbols: ReadonlyMap<string, bigint>;
  /** Loaded anywhere (PIE): addresses count from where it was loaded. */
  readonly relocated: boolean;
  /** "20.20.2" where Node.js is linked into it, else null. */
  readonly nodeVersion: string | null;
}

interface Section {
  name: string;
  type: number;
  offset: number;
  bytes: number;
  link: number;
}

const ELF64_LITTLE_ENDIAN = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
const SHARED_OBJECT = 3;
const SYMBOL_TABLE = 2;
const SYMBOL_BYTES = 24;
/** Node's own is 12 to 20 MB of names and 60 MB of constants; what is far larger is something else. */
const LARGEST_SECTION_BYTES = 256 << 20;

/**
 * Reads the symbols that are asked for, and Node's version, out of an ELF file (man 5 elf). A symbol is also found under its name with a
 * suffix (".0"), which compilers give to variables they have split. Null where the file cannot be read or is no 64-bit ELF file.
 */
export function readExecutable(path: string, wanted: readonly string[]): Executable | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const header = readAt(fd, 0, 64);
    if (!header.subarray(0, 6).equals(ELF64_LITTLE_ENDIAN)) return null;
    const sections = sectionsOf(fd, header);
    return {
      symbols: symbolsOf(fd, sections, wanted),
      relocated: header.readUInt16LE(16) === SHARED_OBJECT,
      nodeVersion: nodeVersionOf(fd, sections),
    };
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

function sectionsOf(fd: number, header: Buffer): Section[] {
  const entryBytes = header.readUInt16LE(58);
  const count = header.readUInt16LE(60);
  const table = readAt(fd, Number(header.readBigUInt64LE(40)), entryBytes * count);
  const entries = Array.from({ length: count }, (_, i) => table.subarray(i * entryBytes, (i + 1) * entryBytes));
  const sections = entries.map((entry) => ({
    name: '',
    nameAt: entry.readUInt32LE(0),
    type: entry.readUInt32LE(4),
    offset: Number(entry.readBigUInt64LE(24)),
    bytes: Number(entry.readBigUInt64LE(32)),
    link: entry.readUInt32LE(40),
  }));
  const names = contentOf(fd, sections[header.readUInt16LE(62)]);
  for (const section of sections) section.name = names.toString('latin1', section.nameAt, names.indexOf(0, section.nameAt));
  return sections;
}

function symbolsOf(fd: number, sections: readonly Section[], wanted: readonly string[]): Map<string, bigint> {
  const found = new Map<string, bigint>();
  const table = sections.find(({ type }) => type === SYMBOL_TABLE);
  if (!table) return found;
  const names = contentOf(fd, sections[table.link]);
  const nameAt = new Map<number, string>();
  for (const name of wanted) {
    for (let at = names.indexOf(`\0${name}`, 0, 'latin1'); at >= 0; at = names.indexOf(`\0${name}`, at + 1, 'latin1')) {
      const next = names[at + 1 + name.length];
      if (next === 0 || next === 0x2e) nameAt.set(at + 1, name);
    }
  }
  const symbols = contentOf(fd, table);
  for (let at = 0; at + SYMBOL_BYTES <= symbols.length; at += SYMBOL_BYTES) {
    const name = nameAt.get(symbols.readUInt32LE(at));
    if (name !== undefined) found.set(name, symbols.readBigUInt64LE(at + 8));
  }
  return found;
}

/** process.release.headersUrl is a constant of every build. */
function nodeVersionOf(fd: number, sections: readonly Section[]): string | null {
  const constants = contentOf(
    fd,
    sections.find(({ name }) => name === '.rodata'),
  );
  for (let at = constants.indexOf('/node-v'); at >= 0; at = constants.indexOf('/node-v', at + 1)) {
    const match = /^\/node-v(\d+\.\d+\.\d+)[^/]*-headers/.exec(constants.toString('latin1', at, at + 60));
    if (match) return match[1]!;
  }
  return null;
}

function contentOf(fd: number, section: Section | undefined): Buffer {
  return section && section.bytes <= LARGEST_SECTION_BYTES ? readAt(fd, section.offset, section.bytes) : Buffer.alloc(0);
}

function readAt(fd: number, offset: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  const read = readSync(fd, buffer, 0, bytes, offset);
  return buffer.subarray(0, read);
}
