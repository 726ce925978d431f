import express from 'express';
import { startExpress } from './express-app.mjs';

export const start = (hang) => startExpress(express, hang);
