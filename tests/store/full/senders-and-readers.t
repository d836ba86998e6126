#!/usr/bin/perl
# The same as tests/store/senders-and-readers.t, with 200 senders and 50 readers at ten mailboxes
# for two minutes.
use strict;
use warnings;

@ARGV = (200, 50, 10, 120, 60);
require './tests/store/senders-and-readers.t';
