#!/usr/bin/perl
# A message that does not fit is refused for now, with 452 4.3.1, after its end; nothing
# of it stays, and the session goes on.  The limit on the size of files (RLIMIT_FSIZE)
# does to a program what a full disk does: the last write is a short one.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(messages program);
use StoreTest;
use Test::More;

my $bob = 'bob@example.com';
my ($small, $big) = ("Subject: small\n\nsmall\n", "Subject: big\n\n" . "It is big.\n" x 20_000);
my $root = new_root();
add($root, $bob, undef);

# ulimit counts blocks of 512 octets: 64 KiB.
my @final = send_messages($root, ['/bin/sh', '-c', 'ulimit -f 128; exec "$@"', 'sh'], [$bob], $small, $big, $small);
like($final[0], qr/^250 /, 'a small message');
like($final[1], qr/^452 4\.3\.1 /, 'a big one is refused for now');    ## smtp-5321-4.3.2-452
like($final[2], qr/^250 /, 'the session goes on');             ## smtp-5321-4.3.2-452 smtp-5321-4.1.1.4-e
is(scalar messages($root, $bob), 2, 'the small ones are there');
is(scalar(grep { octets_of($_) =~ /It is big/ } messages($root, $bob)), 0, 'and nothing of the big one');      ## smtp-5321-4.2.5-b
is_deeply([ entries("$root/mail/.incoming") ], [], 'nothing is left over');    ## smtp-5321-4.3.2-452

# Without the limit it fits.
@final = send_messages($root, [], [$bob], $big);
like($final[0], qr/^250 /, 'where there is room, the big one is taken');
done_testing();
