-- First of all, so that a template database can be made by a superuser before anything else stands in it.
create extension if not exists postgis;
