#!/usr/bin/perl
# The same as tests/smtp-stdio/bdat-big-message.t, with 1 GiB.
use strict;
use warnings;

@ARGV = (1024);
require './tests/smtp-stdio/bdat-big-message.t';
