#!/usr/bin/perl
# A wrong flag, command, argument or value: one line and the synopsis on standard error,
# 64, nothing on standard output, nothing changed.  For each program.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use StoreTest;
use Test::More;

my $root = new_root();
add($root, 'bob@example.com', 'secret');
my @before = entries($root);
my $errors = "$root.errors";

sub refused {
	my ($program, @arguments) = @_;
	my ($output, $status) = MailRoot::run("secret\n", [program($program), @arguments], errors => $errors);
	my $said = octets_of($errors);
	my $shown = join ' ', $program, map { length > 40 ? substr($_, 0, 40) . '...' : $_ } @arguments;
	is($status, 64, "$shown: 64");         ## smtp-stdio-exit pop3-stdio-exit
	is($output, '', 'nothing on standard output');         ## smtp-stdio-exit pop3-stdio-exit
	like($said, qr/\A.+\n(?s:.*)\b\Q$program\E \[/, 'a line and the synopsis');
}

my @d = ('-d', $root);
my $bob = 'bob@example.com';
refused('mailstore', @$_) for [ @d ], [ @d, 'frobnicate' ], [ @d, '-Z', 'list' ], [ '-d' ], [ @d, 'add' ],
    [ @d, 'add', $bob, 'password' ], [ @d, 'add', '-x', 'new@example.com' ], [ @d, 'add', 'no-domain' ],
    [ @d, 'add', '@example.com' ], [ @d, 'add', 'bob@' ], [ @d, 'add', '.bob@example.com' ],
    [ @d, 'add', '../bob@example.com' ], [ @d, 'add', 'a/b@example.com' ], [ @d, 'add', 'bob@../example.com' ],
    [ @d, 'add', 'bob@.example.com' ], [ @d, 'add', 'bob@exam/ple.com' ], [ @d, 'add', "a\nb\@example.com" ],
    [ @d, 'add', "a\x7fb\@example.com" ], [ @d, 'add', "\xff\@example.com" ], [ @d, 'add', 'a' x 256 . '@example.com' ],
    [ @d, 'add', 'a@' . 'b' x 256 ], [ @d, 'add', '' ],
    [ @d, 'passwd' ], [ @d, 'passwd', '-i', '0', $bob ], [ @d, 'passwd', '-i', '4095', $bob ],
    [ @d, 'passwd', '-i', '10000001', $bob ], [ @d, 'passwd', '-i', 'many', $bob ], [ @d, 'passwd', '-i', '4096x', $bob ],
    [ @d, 'passwd', '-i', '-4096', $bob ], [ @d, 'passwd', $bob, 'extra' ],
    [ @d, 'remove' ], [ @d, 'remove', '-f' ], [ @d, 'remove', '-f', $bob, 'extra' ], [ @d, 'remove', '-f', '../x@example.com' ],
    [ @d, 'list', 'one', 'two' ], [ @d, 'list', '-x' ],
    [ @d, 'check', 'extra' ], [ @d, 'check', '-f' ], [ @d, 'show' ], [ @d, 'show', $bob ], [ @d, 'show', $bob, 'a', 'b' ];

for my $program ('smtp-stdio', 'pop3-stdio') {
	refused($program, @d, @$_) for [ '-Z' ], [ '-t' ], [ '-t', '' ], [ '-t', 'soon' ], [ '-t', '-5' ],
	    [ '-t', '10x' ], [ '-t', '99999999999999999999' ], [ '-e', 'x' ], [ '-e', '-1' ], [ '-h', '' ],
	    [ '-h', 'two words' ], [ '-h', "m\xfcller.example" ], [ '-h', "a\nb" ], [ 'argument' ], [ '-d' ];
}
refused('smtp-stdio', @d, @$_) for [ '-m', '' ], [ '-m', 'big' ], [ '-m', '5x' ], [ '-m', '-1' ],
    [ '-m', '99999999999999999999g' ], [ '-r', 'x' ];

is_deeply([ entries($root) ], \@before, 'and nothing was changed by any of them');
unlink $errors;
done_testing();
