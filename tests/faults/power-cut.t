#!/usr/bin/perl
# The power is cut while mail comes, is read and removed: each message that was taken is
# there once and whole, and what was removed stays so.  In full/ it is cut more often.
use strict;
use warnings;
use lib 'tests/lib';
use FileSystem;
use PowerCut;
use Test::More;

own_mounts();
my @file_systems = (FileSystem->new('ext4', megabytes => 64), FileSystem->new('xfs'));
power_cuts($_, 2) for @file_systems;
done_testing();
