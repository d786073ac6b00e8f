import { placeWords } from '../../model/place.js';
import type { Report } from '../../model/report.js';
import { wordBytes, wordShare } from '../../model/wording.js';
import { Wide } from '../parts/scrollable.js';
import { Section } from '../parts/section.js';

/** What was allocated in the window and is still there, by place. */
export function Memory({ report }: { report: Report }) {
  const { memory, series } = report;
  if (!memory || memory.places.length === 0) return null;
  const after = series['heap/after-gc'];
  const [first, last] = [after?.points[0], after?.points.at(-1)];
  const words = (point: [number, number]): string => wordBytes(point[1] * 1e6);
  const most = Math.max(...memory.places.map(({ bytes }) => bytes), 1);
  return (
    <Section
      id="memory"
      title="Memory"
      note={`${wordBytes(memory.grownBytes)} sampled as allocated in the window and alive at its end${
        first && last && last[0] > first[0] ? `; heap after a full collection ${words(first)}, then ${words(last)}` : ''
      }`}
    >
      <Wide label="What stays in memory">
        <table>
          <thead>
            <tr>
              <th scope="col">Kept at</th>
              <th scope="col">kept in</th>
              <th scope="col">bytes</th>
              <th scope="col">share</th>
              <th scope="col">by quarter of the window</th>
            </tr>
          </thead>
          <tbody>
            {memory.places.map(({ location, container, bytes, share, quarters }) => (
              <tr key={placeWords(location) + location.function}>
                <th scope="row">
                  <code class="long">{placeWords(location)}</code> <span class="muted">{location.function}</span>
                </th>
                <td>{container === undefined ? '–' : <code class="long">{container}</code>}</td>
                <td class="spark">
                  <span>
                    <span class="track" aria-hidden="true">
                      <span style={{ width: `${(bytes / most) * 100}%` }} />
                    </span>
                    <span class="value">{wordBytes(bytes)}</span>
                  </span>
                </td>
                <td>{wordShare(share)}</td>
                <td>{quarters ? quarters.map((each) => wordBytes(each)).join(', ') : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </Section>
  );
}
