#!/usr/bin/perl
# mailstore import and export: a mailbox comes back from its mbox file octet for octet, and
# an mbox file from the mailbox that it was imported into.  Files as other programs write
# them, what is no mbox file, quotas, and accounts that are not there.
use strict;
use warnings;
use lib 'tests/lib';
use File::Basename qw(basename);
use MailRoot qw(deliver messages program);
use Program;
use StoreTest;
use Test::More;

my $root = new_root();
my ($ann, $bob) = ('ann@example.com', 'bob@example.com');
add($root, $_, undef) for $ann, $bob, 'zoe@example.com';

sub imported {
	my ($address, $mbox) = @_;
	my ($status, $output, $errors) = mailstore($root, $mbox, 'import', $address);
	is($status, 0, 'imported') or diag $errors;
	is($output, '', 'without a word on standard output');
	return $errors;
}

sub exported {
	my ($address) = @_;
	my ($status, $output, $errors) = mailstore($root, '', 'export', $address);
	is($status, 0, 'exported') or diag $errors;
	is($errors, '', 'without a word');
	return $output;
}

# The messages in the order in which POP3 has them.
sub texts {
	my ($address) = @_;
	my (undef, $list) = mailstore($root, '', 'list', $address);
	return map { my $uid = $_; map { octets_of($_) } grep { index(basename($_), $uid) == 0 } messages($root, $address) }
	    map { (split)[0] } split /\n/, $list;
}

# An account of its own for each thing that is tried.
my $number = 0;
sub account {
	my $address = sprintf 'user%d@example.com', ++$number;
	add($root, $address, undef);
	return $address;
}

# The whole of it, with all that is hard.
my @hard = (
	'', "\n", "\n\n\n\n", "x", "x\n", "x\n\n\n\n", "From x\n", "From x", ">From x\n", ">>>From ", "From ", "a\nFrom\nFromage\n",
	"From a\n\nFrom b\n>From c\n\n", "CRLF\r\nFrom d\r\n\r\n", "no end\r\n\r\nof CRLF", "cr\r", "\r", "nul\0\n\0",
	join('', map { chr } 0 .. 255), "same\n", "same\n", '>' x 70_000 . "From x\n", 'x' x 100_000, "From " x 20_000,
	"\n" x 40_000, ">\n" x 40_000, "x\n" x 20_000 . "From y\n",
	(map { 'y' x (32_768 - $_) . "\nFrom z\n" } 0 .. 7),
	map { octets_of($_) } glob 'tests/mail/*.eml');
my $second = 1700000000;
for my $text (@hard) {
	my $folder = $second % 3 ? 'new' : 'cur';
	my $flags = $folder eq 'cur' ? ':2,S' : '';
	put($root, sprintf('mail/example.com/ann/%s/%d.x%03d.host%s', $folder, $second / 2, $second % 1000, $flags), $text);
	$second++;
}
my $mbox = exported($ann);
is(imported($bob, $mbox), '', 'all of them');
is_deeply([ texts($bob) ], \@hard, 'each message is the same again, in the same order');
same_octets(exported($bob), $mbox, 'and so is the mbox file');
my @names = map { basename($_) } messages($root, $bob);
is(scalar(grep { /^\d{9}\.[0-9a-f]{21}\.[0-9a-f]{32},S=\d+,W=\d+$/ } @names), scalar @hard,
    'the names have the time of delivery, random octets and the sizes');
is(scalar(() = $mbox =~ /^From \S+ [A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/mg), scalar @hard,
    'as many separator lines as messages');
is_deeply([ entries("$root/mail/.incoming") ], [], 'nothing is left in mail/.incoming');

like(imported($bob, $mbox), qr/^mailstore: 0 messages are imported; ${\ scalar @hard} were there/,
    'a second time none is imported');
is_deeply([ texts($bob) ], \@hard, 'and the mailbox is as it was');
my ($gone) = grep { octets_of($_) eq "same\n" } messages($root, $bob);
unlink $gone;
like(imported($bob, $mbox), qr/^mailstore: 1 messages are imported/, 'but what was deleted meanwhile comes again');
is_deeply([ sort map { length } texts($bob) ], [ sort map { length } @hard ], 'of two that are the same, one');
is_deeply([ sort { $a cmp $b } texts($bob) ], [ sort { $a cmp $b } @hard ], 'and nothing else');

# What the separator line says.
my $user = account();
deliver($root, $user, "Subject: x\n\nbody\n");
my $text = (texts($user))[0];
like(exported($user), qr/\AFrom sender\@client\.example \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\nReturn-Path: [^\n]*\n.*\nbody\n\n\z/s,
    'the reverse-path and the time of delivery, and an empty line at the end');
like($text, qr/\AReturn-Path: <sender\@client\.example>\n/, 'as the message has it');

$user = account();
is(exported($user), '', 'an empty mailbox is an empty file');
imported($user, '');
is(scalar messages($root, $user), 0, 'and an empty file is no message');

# Dates: order is that of the dates, and in one second that of the file.
imported($user, join '', map { "From a\@b $_->[0]\n$_->[1]\n\n" } [ 'Tue Nov 14 22:13:20 2023', 'two' ],
    [ 'Thu Jan  1 00:00:01 1970', 'one' ], [ 'at some time', 'no date, so as the one before' ], map { [ 'Tue Nov 14 23:13:21 2023 +0100', "n$_" ] } 1 .. 30);
is_deeply([ texts($user) ], [ map { "$_\n" } 'one', 'no date, so as the one before', 'two', map { "n$_" } 1 .. 30 ], 'in order');
is_deeply([ map { /(\d+)\./ } map { basename($_) } (messages($root, $user))[0 .. 3] ], [ 1, 1, 1700000000, 1700000001 ], 'with their dates');
$user = account();
my $before = time;
imported($user, "From nobody\nx\n\n");
my ($now) = map { basename($_) =~ /^(\d+)\./ } messages($root, $user);
ok($now >= $before && $now <= time, 'a message without a date is of now');
like(imported($user, "From nobody\nx\n\n"), qr/ 1 were there/, 'and is known again all the same');

# As other programs write it.
$user = account();
imported($user, "From a\@b Tue Nov 14 22:13:20 2023\r\nSubject: x\r\n\r\n>From y\r\nbare\rcr\r\n\r\n"
    . "From c\@d Tue Nov 14 22:13:21 2023\r\nlast\r\n\r\n");
is_deeply([ texts($user) ], [ "Subject: x\n\nFrom y\nbare\rcr\n", "last\n" ], 'a file with CRLF is stored with LF');
$user = account();
imported($user, "From a\@b Tue Nov 14 22:13:20 2023\nx\nFrom a\@b Tue Nov 14 22:13:21 2023\ny");
is_deeply([ texts($user) ], [ 'x', 'y' ], 'what stands at the end of a file without an empty line');
imported($user, "From a\@b Tue Nov 14 22:13:22 2023\r\nx\r\n\r\r");
is((texts($user))[2], "x\n\r\r", 'CRs that end no line are kept');

# From a file, by name; through a symbolic link as well.
put($root, 'box', "From a\@b Tue Nov 14 22:13:20 2023\nfrom a file\n\n");
symlink 'box', "$root/link" or die "symlink: $!\n";
for my $path ("$root/box", "$root/link") {
	$user = account();
	is((mailstore($root, '', 'import', $user, $path))[0], 0, 'imported from a file');
	is_deeply([ texts($user) ], [ "from a file\n" ], 'as from standard input');
}

# What cannot be.
sub refused {
	my ($expected, $pattern, $input, @arguments) = @_;
	my ($status, $output, $errors) = mailstore($root, $input, @arguments);
	is($status, $expected, "$arguments[0]: $expected");
	is($output, '', 'nothing on standard output');
	like($errors, $pattern, 'and says why');
}
my @before = entries($root);
refused(66, qr/cannot open .*: No such file/, '', 'import', $user, "$root/nothing");
refused(66, qr/cannot read .*: Is a directory/, '', 'import', $user, $root);
refused(65, qr/no mbox file/, $_, 'import', $user) for "Subject: x\n\nFrom a\n", "\nFrom a\n", "x", ">From a\n", "\0";
refused(67, qr/not found|not hosted/, "From a\nx\n\n", 'import', $_) for 'nobody@example.com', 'nobody@example.net';
refused(67, qr/not found|not hosted/, '', 'export', $_) for 'nobody@example.com', 'nobody@example.net';
is_deeply([ entries($root) ], \@before, 'and changes nothing');

# A quota ends it where it is used up, and more room lets it go on.
$user = account();
is((mailstore($root, '', 'quota', $user, 25))[0], 0, 'a quota');
my $three = join '', map { "From a\@b Tue Nov 14 22:13:2$_ 2023\n123456789\n\n" } 0 .. 2;
refused(75, qr/quota.*\nmailstore: 2 messages are imported; the same command imports the rest\n/, $three, 'import', $user);
is(scalar messages($root, $user), 2, 'as many as there is room for');
mailstore($root, '', 'quota', $user, 30);
like(imported($user, $three), qr/^mailstore: 1 messages are imported; 2 were there/, 'the rest, with more room');
is(scalar messages($root, $user), 3, 'is there then');

# What nobody else has a reason to change.
is((mailstore($root, '', 'forward', 'zoe@example.com', $bob))[0], 0, 'a forward');
imported('zoe@example.com', $three);
is(scalar messages($root, 'zoe@example.com'), 3, 'an import is for the mailbox of the account itself');

my (undef, $status) = MailRoot::run('', [ 'sh', '-c', 'exec "$0" "$@" > /dev/full', program('mailstore'), '-d', $root, 'export', $bob ]);
is($status, 74, 'a full disk behind standard output is told');
unlink map { "$root/$_" } 'link', 'box';
is((mailstore($root, '', 'check'))[1], '', 'in the end mailstore check finds nothing wrong');

# A message that is deleted while those before it are written: a pipe lets nobody go on.
$user = account();
put($root, sprintf('mail/%s/%s/new/170000000%d.x.host', (reverse split /@/, $user), $_), $_ == 1 ? 'x' x 1_000_000 : "$_\n") for 1 .. 3;
my $export = Program->start(command => [ program('mailstore'), '-d', $root, 'export', $user ], errors => "$root.export");
$export->await(time + 20);
my ($second_file) = grep { /1700000002/ } messages($root, $user);
unlink $second_file or die "$second_file: $!\n";
is($export->rest, join('', map { "From MAILER-DAEMON Tue Nov 14 22:13:2$_->[0] 2023\n$_->[1]\n" } [ 1, 'x' x 1_000_000 ], [ 3, "3\n" ]),
    'a message that is gone meanwhile is left out');
is($export->status, 0, 'which is no failure');
is(octets_of("$root.export"), "mailstore: message 1700000002.x.host is gone meanwhile\n", 'and is said');
done_testing();
