// Pictures of the page at the sizes it is shown at: node tests/browser/screenshots.mjs FOLDER [hash]
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launch, openPage, serve, waitFor } from './browser.mjs';

const SIZES = { phone: [360, 740], laptop: [1440, 900], hall: [1920, 1080] };
const [folder = 'screenshots', hash = ''] = process.argv.slice(2);

await mkdir(folder, { recursive: true });
const server = await serve();
const browser = await launch();
for (const [name, [width, height]] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark']) {
    const page = await openPage(browser, server.url + hash, { viewport: { width, height }, colorScheme });
    const shoot = (moment, fullPage) => page.screenshot({ path: join(folder, `${name}-${colorScheme}-${moment}.png`), fullPage });
    await waitFor(page, 'ready', 'true');
    await shoot('start', false);
    await page.getByTestId('choose').click();
    await shoot('choose', false);
    await page.getByTestId('close').click();
    await page.getByTestId('run').click();
    await waitFor(page, 'state', 'done');
    await shoot('done', false);
    await page.locator('tr[data-name] button').first().click();
    await page.locator('details.item > summary').first().click();
    await page.getByTestId('about').locator('summary').click();
    await shoot('whole', true);
    await page.context().close();
  }
}
await browser.close();
server.close();
