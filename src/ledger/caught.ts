import type { BlockDocument, Recording, SourceLocation } from '../model/recording.js';

/** Stacks that were taken while [startUs, endUs] of this process lasted. */
export function caughtWithin(recording: Recording, proc: number, startUs: number, endUs: number): BlockDocument[] {
  const caught = recording.documents.blocks ?? [];
  return caught.filter((block) => block.proc === proc && block.endUs > startUs && block.endUs <= endUs && block.frames.length > 0);
}

/**
 * The line at work: of the function that the profile accuses where there is one, for a profile knows lines roughly; else of the innermost
 * function of the user's own code, or of a dependency. Null where no stack says.
 */
export function exactLocation(caught: readonly BlockDocument[], accused: SourceLocation | null): SourceLocation | null {
  const frames = caught.flatMap((block) => {
    const frame = accused
      ? block.frames.find((one) => one.file === accused.file && one.function === accused.function)
      : (block.frames.find(({ source }) => source === 'app') ?? block.frames.find(({ source }) => source === 'dependency'));
    return frame ? [frame] : [];
  });
  const times = new Map<string, number>();
  for (const { file, line } of frames) times.set(`${file}:${line}`, (times.get(`${file}:${line}`) ?? 0) + 1);
  const most = Math.max(...times.values());
  return frames.find(({ file, line }) => times.get(`${file}:${line}`) === most) ?? null;
}
