import { scrapeAnOrder } from './orders';

scrapeAnOrder().then((scraped) => console.log(JSON.stringify(scraped)));
