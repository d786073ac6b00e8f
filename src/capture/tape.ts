import { closeSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DdxError } from '../errors.js';
import type { Documents, Recording, RecordingHeader, StreamName } from '../model/recording.js';
import { decodeRecording, readRecording } from '../recording/reader.js';
import { RollingRecording } from '../recording/rolling.js';
import { RecordingWriter } from '../recording/writer.js';

/** A recording while it is made. Nothing here throws before `end`: a full disk must not end a session that can still be reported. */
export interface Tape {
  intern(text: string): number;
  append(stream: StreamName, rows: Float64Array): void;
  /** Rows that did not fit; of a rolling one, since this was asked last. */
  dropped(): Partial<Record<StreamName, number>>;
  /** What is known so far goes to the file: it can be read even if ddx is killed. */
  save(documents: Documents): void;
  /** Completes the file and gives back what stands in it. Throws DDX_OUTPUT_UNWRITABLE where nothing of use could be kept. */
  end(documents: Documents): Recording;
}

/**
 * `out`: the file to keep, or null: then a nameless one, made in `folder`, that vanishes with the process however it ends.
 * Throws DDX_OUTPUT_UNWRITABLE. `failed` is called once when the file can no longer be written.
 */
export function startTape(out: string | null, folder: string, header: RecordingHeader, failed: (error: Error) => void): Tape {
  const path = out ?? join(folder, 'recording.ddx');
  const writer = new RecordingWriter(path, header);
  const nameless = out === null ? openNameless(path) : null;
  let broken = false;
  const guarded = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      if (!broken) failed(error instanceof Error ? error : new Error(String(error)));
      broken = true;
    }
  };
  return {
    intern: (text) => writer.intern(text),
    append: (stream, rows) => guarded(() => writer.append(stream, rows)),
    dropped: () => ({ ...writer.dropped }),
    save(documents) {
      if (out === null) return;
      guarded(() => {
        writer.setDocuments(documents);
        writer.flush();
      });
    },
    end(documents) {
      guarded(() => {
        writer.setDocuments(documents);
        writer.close();
      });
      if (nameless === null) return readRecording(path);
      try {
        return decodeRecording(readFileSync(nameless), 'the recording');
      } finally {
        closeSync(nameless);
      }
    },
  };
}

/** Holds what came within the last `spanUs`, in memory; `end` may be called again and again. */
export function startRollingTape(header: RecordingHeader, spanUs: number, sinceStart: () => number): Tape {
  const rolling = new RollingRecording(header, spanUs);
  return {
    intern: (text) => rolling.intern(text),
    append: (stream, rows) => rolling.append(stream, rows, sinceStart()),
    dropped: () => rolling.takeDropped(),
    save() {},
    end: (documents) => rolling.view(documents),
  };
}

function openNameless(path: string): number {
  try {
    const fd = openSync(path, 'r');
    unlinkSync(path);
    return fd;
  } catch (error) {
    throw new DdxError('DDX_OUTPUT_UNWRITABLE', `Cannot keep a temporary recording: ${String(error)}`, 'Name a file with --out.', {
      cause: error,
    });
  }
}
