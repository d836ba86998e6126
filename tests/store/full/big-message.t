#!/usr/bin/perl
# The same as tests/store/big-message.t, with 1 GiB.
use strict;
use warnings;

@ARGV = (1024);
require './tests/store/big-message.t';
