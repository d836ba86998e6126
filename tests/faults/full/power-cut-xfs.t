#!/usr/bin/perl
# As power-cut-ext4.t, on XFS, whose log is of another kind.
use strict;
use warnings;
use lib 'tests/lib';
use FileSystem;
use PowerCut;
use Test::More;

own_mounts();
power_cuts(FileSystem->new('xfs'), 40)->all_is_in_order;
done_testing();
