import type { Finding } from '../../model/report.js';
import { wordMs } from '../../model/wording.js';

type Prediction = NonNullable<Finding['fixes'][number]['prediction']>;

/** Now and predicted on one scale from zero, with the interval of the prediction. */
export function Dumbbell({ prediction }: { prediction: Prediction }) {
  const { fromMs, toMs, lowMs, highMs } = prediction;
  const most = Math.max(fromMs, toMs, highMs, 1e-9) * 1.02;
  const at = (ms: number): string => `${(Math.max(0, ms) / most) * 100}%`;
  const says = `${prediction.metric}: now ${wordMs(fromMs)}, predicted ${wordMs(toMs)}, 90 % interval ${wordMs(lowMs)} to ${wordMs(highMs)}`;
  return (
    <figure class="dumbbell">
      <figcaption>
        <span class="muted">Predicted {prediction.metric}</span> <strong>{wordMs(fromMs)}</strong> →{' '}
        <strong class="good">{wordMs(toMs)}</strong>{' '}
        <span class="muted">
          90 % interval {wordMs(lowMs)} to {wordMs(highMs)}
        </span>
      </figcaption>
      <svg width="100%" height="28" role="img" aria-label={says}>
        <line class="axis" x1="0" x2="100%" y1="14" y2="14" />
        <line class="way" x1={at(toMs)} x2={at(fromMs)} y1="14" y2="14" />
        <rect class="interval" x={at(lowMs)} width={`${((Math.max(highMs, lowMs) - lowMs) / most) * 100}%`} y="9" height="10" rx="3" />
        <circle class="now" cx={at(fromMs)} cy="14" r="6" />
        <circle class="then" cx={at(toMs)} cy="14" r="5" />
      </svg>
    </figure>
  );
}
