#!/usr/bin/perl
# mailstore forward sets, shows and removes where mail goes instead.  What it refuses, and a
# failure on the way, changes nothing.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(messages);
use StoreTest;
use Test::More;

my $root = new_root();
my $bob = 'bob@example.com';
my $file = "$root/accounts/example.com/bob/forward";
add($root, $_, undef) for $bob, 'ann@example.com', '*@example.com';

# Runs mailstore forward.  Checks its status, and that it says something only where it fails.
sub does {
	my ($status, @arguments) = @_;
	my ($is, $output, $errors) = mailstore($root, '', 'forward', @arguments);
	my $shown = substr "@arguments", 0, 60;
	is($is, $status, "forward $shown: $status") or diag $errors;
	like($errors, $status ? qr/\Amailstore: \S/ : qr/\A\z/, 'a message where it fails, and only there');
	is($output, '', 'and then nothing on standard output') if $status;
	return $output;
}

is(does(0, $bob), '', 'no targets are shown where there are none');
does(0, '-r', $bob);
is(does(0, $bob, 'ann@example.com', 'Carl@Elsewhere.example', $bob), '', 'setting says nothing');
is(does(0, $bob), "ann\@example.com\nCarl\@Elsewhere.example\n$bob\n", 'targets are shown as they were given, a line each'); ## smtp-stdio-forward
is(octets_of($file), does(0, $bob), 'and stand so in the file'); ## smtp-stdio-forward
is(sprintf('%o', (stat $file)[2] & 07777), '600', 'which is for its owner');
is(does(0, 'BOB@Example.COM'), octets_of($file), 'the account is found without case');
does(0, $bob, 'ann@example.com');
is(octets_of($file), "ann\@example.com\n", 'setting replaces all that was set');

my ($replies) = smtp_session($root, "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<$bob>\r\nDATA\r\n.\r\nQUIT\r\n");
is(scalar messages($root, 'ann@example.com'), 1, 'mail goes there') or diag $replies; ## smtp-stdio-forward
is(scalar messages($root, $bob), 0, 'and nowhere else'); ## smtp-stdio-forward

does(64, $bob, $_) for '', 'ann', 'ann@', '@example.com', 'a b@example.com@', "a\nb\@example.com", '../x@example.com', 'a/b@example.com',
    'x' x 300 . '@example.com';
does(64, $bob, 'ann@example.com', 'nobody');
does(64);
does(64, '-r');
does(64, 'bob');
does(64, '-r', $bob, 'ann@example.com');
does(64, '-x', $bob);
does(64, $bob, map { "ann+$_\@example.com" } 1 .. 1001);
does(67, @$_) for [ 'nobody@example.com' ], [ 'nobody@example.com', $bob ], [ '-r', 'nobody@example.com' ], [ 'x@elsewhere.example' ];
ok(!-e "$root/accounts/$_", "and accounts/$_ is not made") for 'example.com/nobody', 'elsewhere.example';
is(octets_of($file), "ann\@example.com\n", 'what is refused changes nothing');

does(0, $bob, map { "ann+$_\@example.com" } 1 .. 1000);
is(scalar(() = octets_of($file) =~ /\n/g), 1000, 'a thousand can be set');
does(0, '*@example.com', $bob);
is(does(0, '*@example.com'), "$bob\n", 'the catch-all account too'); ## smtp-stdio-catchall
put($root, 'accounts/example.com/bob/forward', "\r\n  ann\@example.com \t\r\n\nnot an address\n$bob");
is(does(0, $bob), "ann\@example.com\nnot an address\n$bob\n", 'a file written by hand is shown line by line');

does(0, '-r', $bob);
ok(!-e $file, '-r takes the file away');
is(does(0, $bob), '', 'and there are none again');
smtp_session($root, "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<$bob>\r\nDATA\r\n.\r\nQUIT\r\n");
is(scalar messages($root, $bob), 1, 'the mailbox has its mail again'); ## smtp-stdio-forward
does(0, $bob, 'ann@example.com');
is((mailstore($root, '', 'remove', '-f', $bob))[0], 0, 'an account that is forwarded can be removed');
ok(!-e "$root/accounts/example.com/bob", 'with its forward');
symlink '/etc/passwd', "$root/accounts/example.com/ann/forward";
isnt((mailstore($root, '', 'forward', 'ann@example.com'))[0], 0, 'a symbolic link is not followed');

done_testing();
