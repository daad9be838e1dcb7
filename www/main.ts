import { registerSW } from 'virtual:pwa-register';
import { isOurs } from './history';
import { open, reopen } from './opening';
import { listen } from './requests/heard';
import { store } from './store';
import './views/app';

listen();
// A link pasted into an open page is a new start, as in a new tab; back and forward lead to what was run.
addEventListener('hashchange', () => isOurs(history.state) || location.reload());
addEventListener('popstate', ({ state }) => isOurs(state) && void reopen(location.hash));
const opened = open();
// On the first visit the service worker comes when everything is here, so that it finds it all and fetches none of it again.
if (navigator.serviceWorker?.controller === null) await opened;
const renew = registerSW({ onNeedRefresh: () => store.update({ renew: () => void renew(true) }) });
