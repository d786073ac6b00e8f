import { useEffect } from 'preact/hooks';
import type { PageData } from '../model/page.js';
import { useFollowing } from './live.js';
import { usePlace } from './place.js';
import { Findings } from './sections/findings.js';
import { Flame } from './sections/flame.js';
import { Ledger } from './sections/ledger.js';
import { LiveBar } from './sections/live-bar.js';
import { Memory } from './sections/memory.js';
import { Recording } from './sections/recording.js';
import { Requests } from './sections/requests.js';
import { Routes } from './sections/routes.js';
import { NotExamined, RuledOut } from './sections/ruled-out.js';
import { Services } from './sections/services.js';
import { Timeline } from './sections/timeline.js';
import { TopBar } from './sections/top-bar.js';
import { Verdict } from './sections/verdict.js';

export function App({ data: first }: { data: PageData }) {
  const following = useFollowing(first);
  const { data } = following;
  const { report } = data;
  const place = usePlace();
  useEffect(() => {
    // The browser looked for the target before it existed.
    const id = place.route !== null ? 'ledger' : place.request !== null ? `request-${place.request}` : place.id;
    if (id !== '') document.getElementById(id)?.scrollIntoView();
  }, [place]);
  return (
    <>
      <TopBar report={report} />
      {data.live ? <LiveBar state={data.live} frozen={following.frozen} lost={following.lost} freeze={following.freeze} /> : null}
      <main>
        <Verdict report={report} />
        <Findings report={report} markdown={data.findingsMarkdown} current={place.id} />
        <Routes report={report} />
        <Ledger report={report} route={place.route} />
        <Timeline report={report} />
        <Requests report={report} current={place.request} />
        <Flame report={report} />
        <Memory report={report} />
        <Services report={report} />
        <RuledOut report={report} />
        <NotExamined report={report} />
        <Recording report={report} />
      </main>
    </>
  );
}
