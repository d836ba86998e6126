#!/usr/bin/perl
# Ten thousand messages whose names carry their sizes cost what ten cost, but for reading the
# directories, for memory, and for what is said to the client: no file is opened or looked at.
use strict;
use warnings;
use lib 'tests/lib';
use Maildrop qw(fill_maildrop);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

# How often each system call is made in a session with so many messages.
sub calls {
	my ($count) = @_;
	my $root = new_root();
	add($root, 'bob@example.com', 'secret');
	fill_maildrop(maildir($root, 'bob@example.com'), $count);
	my ($output, $status) = pop3_session($root, "USER bob\@example.com\r\nPASS secret\r\nSTAT\r\nLIST\r\nUIDL\r\nDELE 7\r\nSTAT\r\nRSET\r\nQUIT\r\n",
	    before => ['strace', '-f', '-c', '-o', "$root.trace"]);
	is($status, 0, "a good end with $count messages");
	like($output, qr/^\+OK $count \d+\r$/m, 'all of them are there');
	my %calls = map { my @row = split; @row >= 5 && $row[3] =~ /^\d+$/ ? ($row[-1] => $row[3]) : () } split /\n/, octets_of("$root.trace");
	unlink "$root.trace";
	delete $calls{total};
	return \%calls;
}

my ($few, $many) = (calls(10), calls(10_000));
cmp_ok($many->{openat}, '>', 2, 'the system calls are counted');
my @dear = grep { $many->{$_} > 1000 } keys %$many;
is("@dear", '', 'no system call is made for each message');     ## pop3-store-g
my @about_files = grep { /open|stat|access|link|rename|lseek|sync|close/ } sort keys %$many;
is_deeply({ map { $_ => $many->{$_} } @about_files }, { map { $_ => $few->{$_} } @about_files },
    'and those about files are no more than with ten');      ## pop3-store-g
done_testing();
