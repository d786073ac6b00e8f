import manifest from '../../../package.json' with { type: 'json' };
import type { PackageVersions } from '../../lab/packages.js';
import type { SourceHashes } from '../../lab/score-book.js';
import { readAsset } from '../assets.js';

/** Of the rules and families that this ddx was built from. */
export function sourceHashes(): SourceHashes {
  return JSON.parse(readAsset('lab/sources.json')) as SourceHashes;
}

/** What the scenarios' servers are made of; ddx itself ships without dependencies. */
export const PACKAGE_VERSIONS: PackageVersions = manifest.devDependencies;
