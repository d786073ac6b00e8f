import type { ComponentChildren } from 'preact';
import type { Report } from '../../model/report.js';
import { loadWords, runtimeWords } from '../../model/target-words.js';
import { wordBytes, wordMany, wordMs, wordSeconds } from '../../model/wording.js';
import { More } from '../parts/more.js';
import { Section } from '../parts/section.js';

/** Under which conditions all this was measured, what ddx itself cost, and what may spoil the figures. */
export function Recording({ report }: { report: Report }) {
  const { target, window, ddx } = report;
  const { machine, limits } = target;
  const lag = window.load?.lagP99Ms;
  const facts: [title: string, value: ComponentChildren][] = [
    [
      'Target',
      <code key="c" class="long">
        {target.command}
      </code>,
    ],
    [
      'Process',
      `${runtimeWords(report)}, pid ${target.pid}${target.port === null ? '' : `, port ${target.port}`}${target.processes > 1 ? `, ${target.processes} processes` : ''}`,
    ],
    ['Window', `${wordSeconds(window.durationS)}, ended by ${window.endedBy}`],
    ['Load', loadWords(report)],
    ...(lag === null || lag === undefined
      ? []
      : [['Load sent late', `${wordMs(lag)} at p99, ${wordMs(window.load?.lagP50Ms ?? 0)} at p50`] as [string, string]]),
    ['Depth', ddx.depth],
    ['Cost of ddx', ddx.overhead.says],
    [
      'Machine',
      `${wordMany(machine.cores, 'core')}, ${machine.cpuModel}, ${wordBytes(machine.memoryBytes)}, ${machine.platform} ${machine.arch}, kernel ${machine.kernel}`,
    ],
    [
      'Limits',
      [
        limits.quotaCores === null ? 'no CPU quota' : `quota of ${wordMany(limits.quotaCores, 'core')}`,
        limits.memoryBytes === null ? 'no memory limit' : `${wordBytes(limits.memoryBytes)} of memory`,
        `${wordMany(limits.usableCores, 'core')} usable`,
        `${wordMany(limits.poolThreads, 'libuv thread')}`,
      ].join(', '),
    ],
    ['ddx', ddx.version],
  ];
  return (
    <Section id="recording" title="Recording">
      {report.warnings.length > 0 ? (
        <ul class="warnings">
          {report.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      ) : null}
      <dl class="reasons">
        {facts.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <More label="Versions">
        {() => (
          <dl class="versions">
            {Object.entries(target.versions).map(([name, version]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{version}</dd>
              </div>
            ))}
          </dl>
        )}
      </More>
    </Section>
  );
}
