#!/usr/bin/perl
# A directory of a mailbox that another process has made just now, and has not synced yet:
# what is delivered into it would be lost with its name.  So whoever goes on where another
# has begun syncs what that one has made, before the 250; and where all is there already,
# that costs nothing.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(messages program);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my $user = $> == 0 ? 23_456 : $>;       # for root, a mode means nothing
my $bob = 'bob@example.com';

# A mail root as another process may have left it, all of it made just before.
sub begun {
	my (@directories) = @_;
	my $root = new_root();
	mkdir $root, 0700 or die "$root: $!\n";
	chown $user, -1, $root or die "$root: $!\n";
	add($root, $bob);
	MailRoot::remove_directory("$root/mail/example.com");
	for (@directories) {
		my ($name, $mode) = ref $_ ? @$_ : ($_, 0700);
		mkdir "$root/mail/$name", 0700 or die "$name: $!\n";
		chmod $mode, "$root/mail/$name";
		chown $user, -1, "$root/mail/$name";
	}
	return $root;
}

# Delivers a message.  Returns the calls made, by name and what they were made on, until 250.
sub delivery_to {
	my ($root) = @_;
	my $trace = "$root.trace";
	my ($output) = smtp_session($root, "HELO c\r\nMAIL FROM:<a\@client.example>\r\nRCPT TO:<$bob>\r\nDATA\r\n"
	    . "Subject: x\r\n.\r\nQUIT\r\n", before => ['strace', '-f', '-qq', '-y', '-s', '2000', '-o', $trace,
	    '-e', 'trace=write,?writev,?sendto,fsync,fdatasync,linkat,?renameat2,mkdirat']);
	like($output, qr/^354 .*\r\n250 /m, 'a message is delivered');
	is(scalar messages($root, $bob), 1, 'once');
	my @calls;
	for (split /\n/, octets_of($trace)) {
		last if /"250 2\.0\.0 /;
		my ($call, $arguments) = /^(?:\d+ +)?(\w+)\((.*)\) += -?\d/ or next;
		my @on = map { s{^\Q$root\E/?}{}r } $arguments =~ /<([^>]*)>/g;
		push @calls, $call =~ /sync/ ? "sync $on[0]" : $call =~ /mkdir/ ? "make $on[0]/" . ($arguments =~ /"(.*?)"/)[0]
		    : $call =~ /link|rename/ ? "link to $on[1]" : ();
	}
	unlink $trace;
	return @calls;
}

# Whether the calls are made in this order, others maybe between them.
sub in_order {
	my ($name, $calls, @wanted) = @_;
	my $at = 0;
	for (@$calls) {
		$at++ if $at < @wanted && $_ eq $wanted[$at];
	}
	is($at, scalar @wanted, $name) or diag "not $wanted[$at] in:\n", join "\n", @$calls;
}

my ($domain, $maildir) = ('mail/example.com', 'mail/example.com/bob');
my @parts = map { "example.com/bob/$_" } 'tmp', 'cur';

in_order('the name of mail/ is synced before a domain is made in it', [ delivery_to(begun()) ],
    'sync ', "make mail/example.com", 'sync mail', "make $domain/bob", "sync $domain", "make $maildir/new", "sync $maildir",
    "link to $maildir/new", "sync $maildir/new");
in_order('that of the domain before a mailbox', [ delivery_to(begun('example.com')) ],
    'sync mail', "make $domain/bob", "sync $domain", "make $maildir/new", "sync $maildir",
    "link to $maildir/new", "sync $maildir/new");
in_order('that of the mailbox before new/', [ delivery_to(begun('example.com', 'example.com/bob')) ],
    "sync $domain", "make $maildir/new", "sync $maildir", "link to $maildir/new", "sync $maildir/new");

my $root = begun('example.com', 'example.com/bob', @parts, [ 'example.com/bob/new', 0500 ]);
in_order('and that of new/, which is closed until then, before a message', [ delivery_to($root) ],
    "sync $maildir", "link to $maildir/new", "sync $maildir/new");
is((stat "$root/$maildir/new")[2] & 07777, 0700, 'it is open now');

$root = begun('.incoming', 'example.com', 'example.com/bob', @parts, 'example.com/bob/new');
put($root, 'passwords/.secret', 'x' x 32);
mkdir "$root/outgoing" or die "outgoing: $!\n";
is_deeply([ map { s{/\d+\.[^/]*}{/FILE}r } delivery_to($root) ],
    [ 'sync mail/.incoming/FILE', "link to $maildir/new", "sync $maildir/new" ],
    'where all is there, two syncs are enough');
done_testing();
