#!/usr/bin/perl
# The same as tests/store/big-message.t, with 100 MiB.
use strict;
use warnings;

@ARGV = (100);
require './tests/store/big-message.t';
