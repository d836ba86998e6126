#!/usr/bin/perl
# RETR sends what the file holds: LF becomes CRLF, a CRLF stays one, everything else
# passes (bare CR, NUL, 8-bit octets, lines of any length), and LIST told its size
# exactly.  Tried with messages of random octets, most of them the dangerous ones, and
# with a dot at each place where a buffer may end.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use StoreTest;
use Test::More;

my $bob = 'bob@example.com';
my %messages;
srand 1939;

sub wire {
	my ($text) = @_;
	$text =~ s/(?<!\r)\n/\r\n/g;
	$text .= "\r\n" if length $text && substr($text, -1) ne "\n";
	return $text;
}

# The header, the blank line and so many lines of the body.
sub top {
	my ($wire, $count) = @_;
	my ($result, $in_body) = ('', 0);
	for my $line ($wire =~ /(.*?\r\n)/gs) {
		last if $in_body && $count-- <= 0;
		$result .= $line;
		$in_body ||= $line eq "\r\n";
	}
	return $result;
}

my @pieces = ("\n", "\r\n", "\r", '.', '..', "\0", "\xff", "\x80", 'text', ' ', "\n.\n", "\r\n.\r\n", "\n\n", "\t");
for my $number (1 .. 40) {
	my $text = $number % 4 ? "Subject: $number\n\n" : '';
	$text .= $pieces[rand @pieces] for 1 .. rand 60;
	$messages{sprintf '17000000%02d.random.host', $number} = $text;
}
my $number = 0;
for my $border (4096, 8192, 16384, 32768, 65536) {
	for my $ending ("\n", "\r\n") {
		my ($text, $at) = ("Subject: border\n\n", 0);
		for my $place (-4 .. 2) {
			# The dot stands at $border + $place of the file, then of the wire.
			my $to = $border * (5 + $place) + $place;
			$text .= 'x' x ($to - length($text) - length $ending) . "$ending.$ending..$ending";
		}
		$messages{sprintf '17000001%02d.border.host', ++$number} = $text;
	}
}
$messages{'1700000200.line.host'} = "Subject: line\n\n" . 'x' x 300_000 . "\n." . '.' x 200_000;
$messages{'1700000201.octets.host'} = "Subject: octets\n\n" . join '', map { chr($_) . 'x' } 0 .. 255;
$messages{'1700000202.lf.host'} = "\n" x 20_000;
$messages{'1700000203.dots.host'} = ".\n" x 20_000;
$messages{'1700000204.cr.host'} = "\r" x 20_000 . 'x';
$messages{'1700000205.one.host'} = 'x';

my $root = new_root();
add($root, $bob, 'secret');
put($root, "mail/example.com/bob/cur/$_:2,", $messages{$_}) for keys %messages;
my @names = sort keys %messages;

# Splits the reply to RETR or TOP off the output: its first line and its text.  Only the
# CRLF.CRLF of the protocol counts, whatever is in the message.
sub next_text {
	my ($output) = @_;
	my $end = index $$output, "\r\n";
	my $first = substr $$output, 0, $end + 2, '';
	my $stop = substr($$output, 0, 3) eq ".\r\n" ? 0 : index($$output, "\r\n.\r\n") + 2;
	return ($first, undef) if $stop == 1;
	my $text = substr $$output, 0, $stop, '';
	substr $$output, 0, 3, '';
	$text =~ s/(^|\r\n)\./$1/g;
	return ($first, $text);
}

my @tops = (0, 1, 2, 5, 1000);
my $input = "USER $bob\r\nPASS secret\r\nLIST\r\n";
for my $message (1 .. @names) {
	$input .= "RETR $message\r\n" . join '', map { "TOP $message $_\r\n" } @tops;
}
my ($output, $status) = pop3_session($root, "${input}QUIT\r\n");
is($status, 0, 'a good end');
$output =~ s/\A(?:\+OK.*\r\n){3}// or die "no login\n";
my (%size, $sum);
while ($output =~ s/\A\+OK (\d+) messages \((\d+) octets\)\r\n// || $output =~ s/\A(\d+) (\d+)\r\n//) {
	defined $sum ? $size{$1} = $2 : ($sum = $2);
}
substr $output, 0, 3, '';
my $total = 0;
for my $message (1 .. @names) {
	my $name = $names[$message - 1];
	my $wire = wire($messages{$name});
	my ($first, $text) = next_text(\$output);
	$total += length $wire;
	same_octets($text, $wire, "$name comes out as it is");    ## pop3-1939-5-g pop3-1939-3-b pop3-6856-2-a
	is($size{$message}, length $wire, 'LIST told its size');  ## pop3-1939-5-c
	is($first, '+OK ' . length($wire) . " octets\r\n", 'so did RETR');     ## pop3-1939-5-c
	for (@tops) {
		(undef, $text) = next_text(\$output);
		same_octets($text, top($wire, $_), "TOP $_ of it");    ## pop3-1939-7-a
	}
}
is($sum, $total, 'the sum is that of the sizes');
like($output, qr/\A\+OK.*\r\n\z/, 'nothing but the reply to QUIT is left');
done_testing();
