import express from 'express4';
import { startExpress } from './express-app.mjs';

export const start = (hang) => startExpress(express, hang);
