#!/usr/bin/perl
# mailstore quota sets, shows and removes the most that a mailbox may hold.  What it refuses,
# and a failure on the way, changes nothing.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(messages);
use StoreTest;
use Test::More;

my $root = new_root();
my $bob = 'bob@example.com';
my $file = "$root/accounts/example.com/bob/quota";
add($root, $_, undef) for $bob, '*@example.com';

sub does {
	my ($status, @arguments) = @_;
	my ($is, $output, $errors) = mailstore($root, '', 'quota', @arguments);
	is($is, $status, "quota @arguments: $status") or diag $errors;
	like($errors, $status ? qr/\Amailstore: \S/ : qr/\A\z/, 'a message where it fails, and only there');
	is($output, '', 'and then nothing on standard output') if $status;
	return $output;
}

is(does(0, $bob), '', 'nothing is shown where none is set');
does(0, '-r', $bob);
my %octets = (0 => 0, 1 => 1, 12345 => 12345, '2k' => 2048, '2K' => 2048, '50m' => 52428800, '3g' => 3221225472, '10G' => 10737418240);
for my $size (sort keys %octets) {
	is(does(0, $bob, $size), '', 'setting says nothing');
	is(does(0, $bob), "$octets{$size}\n", "$size is shown in octets"); ## smtp-stdio-quota-a
}
is(does(0, 'BOB@Example.COM'), "52428800\n", 'the account is found without case');
is(sprintf('%o', (stat $file)[2] & 07777), '600', 'the file is for its owner');

does(64, $bob, $_) for '', 'much', '5x', '-5', '+5', '5 m', '1.5m', '99999999999999999999g', '18446744073709551616', '0x10', 'm';
does(64, @$_) for [], [ '-r' ], [ 'bob' ], [ '-r', $bob, '5m' ], [ '-x', $bob ], [ $bob, '5m', '6m' ], [ '../x@example.com', '5m' ];
does(67, @$_) for [ 'nobody@example.com' ], [ 'nobody@example.com', '5m' ], [ '-r', 'nobody@example.com' ], [ 'x@elsewhere.example', '5m' ];
ok(!-e "$root/accounts/$_", "and accounts/$_ is not made") for 'example.com/nobody', 'elsewhere.example';
is(does(0, $bob), "52428800\n", 'what is refused changes nothing');
does(0, '*@example.com', '1m');
is(does(0, '*@example.com'), "1048576\n", 'the catch-all account has one too'); ## smtp-stdio-catchall

sub rcpt {
	my ($replies) = smtp_session($root, "EHLO x\r\nMAIL FROM:<> SIZE=100\r\nRCPT TO:<$bob>\r\nRSET\r\nQUIT\r\n");
	my ($reply) = $replies =~ /^250 2\.1\.0 .*\r\n(\d\d\d \S+)/m;
	return $reply;
}

does(0, $bob, '0');
is(rcpt(), '452 4.2.2', 'with 0 there is no room for anything'); ## smtp-stdio-quota-a
does(0, $bob, '100');
is(rcpt(), '250 2.1.5', 'with as much as is declared there is'); ## smtp-stdio-quota-a
put($root, 'accounts/example.com/bob/quota', "42");
is(does(0, $bob), "42\n", 'a number without a line end is');
put($root, 'accounts/example.com/bob/quota', "plenty\n");
isnt((mailstore($root, '', 'quota', $bob))[0], 0, 'words are not');
does(0, $bob, '5m');
is(does(0, $bob), "5242880\n", 'and are replaced');
does(0, '-r', $bob);
ok(!-e $file, '-r takes the file away');
is(does(0, $bob), '', 'and none is set again');
is(rcpt(), '250 2.1.5', 'and none holds'); ## smtp-stdio-quota-a

done_testing();
