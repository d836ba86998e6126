#!/usr/bin/perl
# Messages that come one after the other, many in one second, are numbered in that order;
# and several programs that make the same account at once make it once.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(program);
use Program;
use StoreTest;
use Test::More;

my $root = new_root();
my $bob = 'bob@example.com';

my @adding = map {
	Program->start(command => [program('mailstore'), '-d', $root, 'add', $bob], limit => 30)
} 1 .. 8;
for (@adding) {
	$_->send("secret\n");
	$_->close_input;
}
my @status = map { $_->rest; $_->status } @adding;
is(scalar(grep { $_ eq '0' } @status), 1, 'one of eight that add the same account has done it');
is(scalar(grep { $_ !~ /^(?:0|73|75)$/ } @status), 0, 'the others say that it is there, or busy') or diag "@status";

my @texts = map { "Subject: message $_\n\n$_\n" } 1 .. 60;
for my $session (0 .. 2) {
	my @final = send_messages($root, [], [$bob], @texts[20 * $session .. 20 * $session + 19]);
	is(scalar(grep { /^250 / } @final), 20, 'twenty messages are taken');
}
my $client = logged_in($root, $bob, 'secret');
my @subjects = map { (lines($client, "TOP $_ 0"))[1] =~ /^Subject: message (\d+)\r$/m } 1 .. 60;
is_deeply(\@subjects, [1 .. 60], 'they are numbered as they came');    ## pop3-1939-5-a pop3-seed
ask($client, 'QUIT');
done_testing();
