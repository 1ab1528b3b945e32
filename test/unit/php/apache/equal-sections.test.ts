/**
 * Sections that stand there many times, as those of generated configurations do: what they cost is
 * counted in work, since a time depends on the machine.
 */
import { beforeEach, describe, expect, it, vi } from 'vitest';

/** Sections that were merged for some script, and texts that were tried on patterns. */
let work = 0;

vi.mock('../../../../lib/php/apache/merge.js', async (original) => {
  const merge = await original<typeof import('../../../../lib/php/apache/merge.js')>();
  const sectionsAt: typeof merge.sectionsAt = (...given) => {
    const found = merge.sectionsAt(...given);
    work += 1 + found.sections.length;
    return found;
  };
  return { ...merge, sectionsAt };
});

vi.mock('../../../../lib/php/apache/fnmatch.js', async (original) => {
  const fnmatch = await original<typeof import('../../../../lib/php/apache/fnmatch.js')>();
  const matchesPath: typeof fnmatch.matchesPath = (...given) => {
    work += 1;
    return fnmatch.matchesPath(...given);
  };
  return { ...fnmatch, matchesPath };
});

const { scanDocumentRoots } = await import('../../../../lib/php/apache/document-roots.js');
const { overrideUsages } = await import('../../../../lib/php/apache/override-usages.js');
const { parseIni } = await import('../../../../lib/php/ini/parse-ini.js');
const { readTree, summary, usagesIn, usagesOf } = await import('./trees.js');

const count = 2000;
/** So much for each of them, and not for each pair. */
const enough = 20 * count;

beforeEach(() => {
  work = 0;
});

describe('equal sections', () => {
  const lines = 'php_value session.gc_maxlifetime 5';
  const files = `<Files x.php>\n${lines}\n</Files>\n`;

  it.each([
    ['<Files x.php>', files.repeat(count), '<Files x.php>'],
    [
      '<Files x.php> in one directory',
      `<Directory /srv>\n${files.repeat(count)}</Directory>\n`,
      '<Directory /srv> <Files x.php>',
    ],
    [
      '<Files x.php> in equal directories',
      `<Directory /srv>\n${files}</Directory>\n`.repeat(count),
      '<Directory /srv> <Files x.php>',
    ],
    [
      '<FilesMatch> that match the script that stands for all',
      `<FilesMatch "\\.php$">\n${lines}\n</FilesMatch>\n`.repeat(count),
      '<FilesMatch \\\\.php$>',
    ],
  ])('%s give one usage, and cost no more than so much each', (_what, text, title) => {
    const given = `DocumentRoot /srv\n${text}`;
    const labels = usagesOf(given).map(({ label }) => label);
    expect(labels).toEqual(['apache2 server', `apache2 server ${title}`]);
    expect(work).toBeLessThan(enough);
  });

  it('whose pattern matches no script that is known stay apart, and cost no more', () => {
    const section = (value: number) =>
      `<Files "x*.php">\nphp_value session.gc_maxlifetime ${value}\n</Files>\n`;
    const text = Array.from({ length: count }, (_, at) => section(at + 1)).join('');
    expect(usagesOf(`DocumentRoot /srv\n${text}`)).toHaveLength(1 + count);
    expect(work).toBeLessThan(enough);
  });

  it('of an .htaccess file are one, which has what all of them set', () => {
    const read = readTree({
      'etc/apache2/apache2.conf':
        'DocumentRoot /srv\n<Directory /srv>\nAllowOverride All\n</Directory>\n',
      'srv/.htaccess': `${files.repeat(count)}<Files x.php>\nphp_value session.save_path /x\n</Files>\n`,
    });
    const base = usagesIn(read);
    const { overrides } = scanDocumentRoots(read.tree, read.configuration.documentRoots, {
      parseIni,
      userIniNames: [],
      apache: read.configuration,
    });
    work = 0;
    expect(overrideUsages(overrides, base, []).map(summary)).toEqual([
      'apache2 server .htaccess in /srv: ',
      'apache2 server <Files x.php> .htaccess in /srv: gc_maxlifetime=5 save_path=/x',
    ]);
    expect(work).toBeLessThan(enough);
  });
});
