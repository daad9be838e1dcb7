// The service worker: after the first visit the page opens offline, itself, the engine and the built-in model, and
// nothing from elsewhere. It takes over what the page has fetched: nothing is downloaded twice.
import { addPlugins, cleanupOutdatedCaches, precacheAndRoute, type PrecacheEntry } from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { CacheFirst } from 'workbox-strategies';
import { tellRequests } from './requests/telling';

/** What is used here of a service worker's own scope. */
interface Scope extends EventTarget {
  __WB_MANIFEST: PrecacheEntry[];
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
}
declare const self: Scope;

tellRequests('offline store');

// What may have changed under its name is asked for again, and not sent again where it has not.
addPlugins([{ requestWillFetch: async ({ request }) => (request.cache === 'reload' ? new Request(request, { cache: 'no-cache' }) : request) }]);
precacheAndRoute(self.__WB_MANIFEST, { urlManipulation: ({ url }) => [new URL(url.href.replace(/\/index\.html$/, '/'))] });
cleanupOutdatedCaches();

// What few readers need is kept when it is used, in the version that was used last.
const named = (url: string): string => url.replace(/-[\w-]{8}(\.\w+)$/, '$1'); // without the hash of its content
const lastOnly = {
  cacheDidUpdate: async ({ cacheName, request }: { cacheName: string; request: Request }): Promise<void> => {
    const cache = await caches.open(cacheName);
    for (const { url } of await cache.keys()) if (url !== request.url && named(url) === named(request.url)) await cache.delete(url);
  },
};
for (const part of ['classifier', 'pressure_test_gpu', 'stage']) {
  const isOf = new RegExp(`/${part}[^/]*$`);
  registerRoute(({ url }) => isOf.test(url.pathname), new CacheFirst({ cacheName: part, plugins: [lastOnly] }));
}

// A new version waits until the reader says so: the old page still needs its own workers.
self.addEventListener('message', (event) => {
  if ((event as MessageEvent<{ type?: string } | null>).data?.type === 'SKIP_WAITING') void self.skipWaiting();
});
// The page of the first visit has no service worker yet: this becomes its own.
self.addEventListener('activate', (event) => (event as Event & { waitUntil(done: Promise<void>): void }).waitUntil(self.clients.claim()));
