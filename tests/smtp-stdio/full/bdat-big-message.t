#!/usr/bin/perl
# The same as tests/smtp-stdio/bdat-big-message.t, with 100 MiB.
use strict;
use warnings;

@ARGV = (100);
require './tests/smtp-stdio/bdat-big-message.t';
