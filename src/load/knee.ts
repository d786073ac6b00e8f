/** What one rate gave. `limited`: the generator was at its limit, so that it says nothing about the server. */
export interface Tried {
  met: boolean;
  limited: boolean;
}

export interface Knee<T extends Tried> {
  /** The highest rate that met the goals; null when not even the lowest did. */
  best: { ratePerS: number; tried: T } | null;
  /** The lowest rate that missed them; null when none did. */
  missedAtPerS: number | null;
  steps: { ratePerS: number; tried: T }[];
}

const LOWEST_PER_S = 1;
const HIGHEST_PER_S = 200_000;
/** The answer is within so much of the true knee: a finer one would be lost in the noise of a run of seconds. */
const CLOSE_ENOUGH = 1.1;

/**
 * The highest rate that meets the goals: doubles until one is missed (or halves until one is met), then closes in. A rate that misses is
 * tried once more before it counts, since one neighbour's burst is enough to miss (or to hold up the generator). `measure` gives null to end early.
 */
export async function findKnee<T extends Tried>(startPerS: number, measure: (ratePerS: number) => Promise<T | null>): Promise<Knee<T>> {
  const knee: Knee<T> = { best: null, missedAtPerS: null, steps: [] };
  const once = async (ratePerS: number): Promise<T | null> => {
    const tried = await measure(ratePerS);
    if (tried) knee.steps.push({ ratePerS, tried });
    return tried;
  };
  for (let ratePerS = startPerS; ratePerS >= LOWEST_PER_S && ratePerS <= HIGHEST_PER_S; ratePerS = nextRate(knee, startPerS)) {
    let tried = await once(ratePerS);
    if (tried && !tried.met) tried = await once(ratePerS);
    if (!tried) break;
    if (tried.met) knee.best = { ratePerS, tried };
    else if (tried.limited) break;
    else knee.missedAtPerS = ratePerS;
    if (knee.best && knee.missedAtPerS !== null && knee.missedAtPerS / knee.best.ratePerS <= CLOSE_ENOUGH) break;
  }
  return knee;
}

function nextRate({ best, missedAtPerS }: Knee<Tried>, startPerS: number): number {
  if (!best) return (missedAtPerS ?? startPerS) / 2;
  if (missedAtPerS === null) return best.ratePerS * 2;
  return round(Math.sqrt(best.ratePerS * missedAtPerS));
}

/** Three digits: 1,414.2 -> 1,410. */
function round(ratePerS: number): number {
  return Number(ratePerS.toPrecision(3));
}
